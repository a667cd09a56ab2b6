// The list of contacts: ticking several, choosing columns, and conditions to filter by.
import "./ticking.js";
import "./contacts/columns.js";
import "./contacts/filter.js";
