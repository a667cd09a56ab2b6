// The nodes of the canvas: conditions and groups, as the server has drawn them.
export const canvas = () => document.querySelector("[data-canvas]");
export const byId = (id) => document.getElementById(`node-${id}`);
export const nodeOf = (element) => element?.closest?.("[data-canvas] [data-node]") ?? null;
export const groupOf = (node) => nodeOf(node.parentElement);
export const isGroup = (node) => node.hasAttribute("data-group");
export const listOf = (group) => group.querySelector(":scope > .group-body > [data-children]");
export const childrenOf = (group) => [...listOf(group).children];
export const isShown = (node) => node.getClientRects().length > 0;

// A node's own form, not those of the nodes within it.
export const formOf = (node) => node.querySelector(":scope > form");
export const visibleNodes = () => [...canvas().querySelectorAll("[data-node]")].filter(isShown);

const CONTROLS = "select, input:not([type=hidden]), textarea";

export function firstControl(node) {
  if (isGroup(node)) return node.querySelector(":scope > .group-body > .group-foot [data-add-condition]");
  const parts = formOf(node).querySelector(".parts");
  return parts.querySelector(CONTROLS) ?? parts.querySelector("button") ?? node;
}

export function announce(text) {
  document.querySelector("#announce").textContent = text;
}

export const isTyping = (element) =>
  element.matches("textarea, [contenteditable], input:not([type=radio], [type=checkbox], [type=button])");
