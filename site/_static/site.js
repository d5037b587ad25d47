// A wide block scrolls by itself on a phone; who has no pointer must be able to reach it.
document.addEventListener("DOMContentLoaded", () => {
  const reachable = () => {
    for (const block of document.querySelectorAll(
      "pre, .output figure, .output table, .pst-scrollable-table-container, mjx-container, .output"
    )) {
      if (block.scrollWidth > block.clientWidth) block.setAttribute("tabindex", "0");
    }
  };
  reachable();
  window.addEventListener("load", reachable);
  window.addEventListener("resize", reachable);
});
