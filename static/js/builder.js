// The visual builder. The server draws and decides; each module tells it what somebody does.
import "./builder/lighter.js";
import "./builder/unsent.js";
import "./builder/sending.js";
import "./builder/fold.js";
import "./builder/select.js";
import "./builder/focus.js";
import "./builder/menus.js";
import "./builder/palette.js";
import "./builder/suggest.js";
import "./builder/keys.js";
import "./builder/drag.js";
import "./builder/result.js";
