// What every page has: each module looks for its own attributes and does nothing without them.
import "./theme-switch.js";
import "./search.js";
import "./dialog.js";
import "./copy.js";
import "./live.js";
import "./drop.js";
import "./edit.js";
import "./upload.js";
