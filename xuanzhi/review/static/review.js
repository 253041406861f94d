// Keys, and the selection from which a rule is proposed. Everything else works without this file.
"use strict";

(() => {
  const { keys } = document.documentElement.dataset;

  const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

  // The change that is looked at: n and p go from one to the next.
  const step = (by) => {
    const changes = [...document.querySelectorAll("[data-change]")].filter((each) => each.offsetParent !== null);
    if (changes.length === 0) return;
    const here = changes.findIndex((each) => each === document.activeElement || each.contains(document.activeElement));
    const next = here < 0 ? (by > 0 ? 0 : changes.length - 1) : Math.min(Math.max(here + by, 0), changes.length - 1);
    changes[next].setAttribute("tabindex", "-1");
    changes[next].focus();
    changes[next].scrollIntoView({ block: "center" });
  };

  // In a list: j and k go from one line to the next.
  const line = (by) => {
    const items = [...document.querySelectorAll("[data-item]:is(a)")];
    const here = items.indexOf(document.activeElement);
    if (items.length === 0) return false;
    items[here < 0 ? 0 : Math.min(Math.max(here + by, 0), items.length - 1)].focus();
    return true;
  };

  const press = (key) => {
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (target === null) return false;
    if (target.matches("textarea, input")) target.focus();
    else if (target.matches("summary")) {
      target.parentElement.open = true;
      target.parentElement.querySelector("select, input:not([type=hidden])").focus();
    } else target.click();
    return true;
  };

  if (keys === "on") {
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && isTyping(event.target)) {
        event.target.blur();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
      const done =
        event.key === "n" ? (step(1), true)
        : event.key === "p" ? (step(-1), true)
        : (event.key === "j" && line(1)) || (event.key === "k" && line(-1)) || press(event.key);
      if (done) event.preventDefault();
    });
  }

  // Whatever is selected in a text stands ready to be proposed, without the words that are ours.
  const proposal = document.querySelector("[data-propose] textarea");
  if (proposal !== null) {
    document.addEventListener("selectionchange", () => {
      const selection = document.getSelection();
      if (selection === null || selection.isCollapsed) return;
      const range = selection.getRangeAt(0);
      const start = range.commonAncestorContainer;
      const inside = start instanceof Element ? start : start.parentElement;
      if (inside === null || inside.closest("[data-selectable]") === null) return;
      const part = range.cloneContents();
      for (const ours of part.querySelectorAll("[data-quiet], .hidden, summary, ins")) ours.remove();
      const text = part.textContent.trim();
      if (text === "") return;
      proposal.value = text;
      proposal.closest("details").open = true;
    });
  }
})();
