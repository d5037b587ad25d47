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
  reachable();
  window.addEventListener("load", reachable);
  window.addEventListener("resize", reachable);
});
