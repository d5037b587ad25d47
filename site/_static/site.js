document.addEventListener("DOMContentLoaded", () => {
  // The arrows that unfold the navigation have no words: say what they unfold.
  for (const summary of document.querySelectorAll(".bd-links details > summary")) {
    const page = summary.closest("li")?.querySelector("a")?.textContent.trim();
    summary.setAttribute("aria-label", `Pages below ${page || "this one"}`);
  }
  // A wide block scrolls by itself on a phone; who has no pointer must be able to reach it.
  const reachable = () => {
    for (const block of document.querySelectorAll(
      "pre, .output figure, table, .pst-scrollable-table-container, mjx-container, .output"
    )) {
      if (block.scrollWidth > block.clientWidth) block.setAttribute("tabindex", "0");
    }
  };
  // A section that a reader may skip is folded: a link to it, or into it, opens it, and so does printing.
  const folded = () => [...document.querySelectorAll("details.mlmi-deeper")];
  const open = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const section = target && (target.closest("details.mlmi-deeper") || target.querySelector(":scope > details.mlmi-deeper"));
    if (!section || section.open) return;
    section.open = true;
    target.scrollIntoView();
  };
  open();
  window.addEventListener("hashchange", open);
  // a second click on the same link changes nothing in the address
  document.addEventListener("click", (event) => { if (event.target.closest("a[href*='#']")) setTimeout(open); });
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = folded().filter((section) => !section.open);
    for (const section of closed) section.open = true;
  });
  window.addEventListener("afterprint", () => { for (const section of closed) section.open = false; });
  reachable();
  window.addEventListener("load", reachable);
  window.addEventListener("resize", reachable);
});
