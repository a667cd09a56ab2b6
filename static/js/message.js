// The editor of a campaign's message. The server draws and decides; each module tells it what somebody does.
import "./campaigns/saving.js";
import "./campaigns/focus.js";
import "./campaigns/inserts.js";
import "./campaigns/blocks.js";
import "./campaigns/preview.js";
import "./campaigns/pictures.js";
