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
  document.querySelectorAll(".mlmi-explorer").forEach(explorer);
  reachable();
  window.addEventListener("load", reachable);
  window.addEventListener("resize", reachable);
});

// An explorer: its pictures were drawn ahead, one for each setting; here are the controls.
function explorer(box, number) {
  const states = [...box.querySelectorAll(".mlmi-state")];
  const still = box.querySelector("figure:not(.mlmi-state)");
  const controls = JSON.parse(box.dataset.controls);
  const at = controls.map((control) => control.start);
  const fields = document.createElement("div");
  const line = document.createElement("p");
  fields.className = "mlmi-fields";
  line.className = "mlmi-say";
  line.setAttribute("aria-live", "polite");
  const show = () => {
    for (const state of states) {
      state.hidden = state.dataset.at !== at.join(",");
      if (!state.hidden) line.textContent = state.dataset.say;
    }
  };
  // Hidden pictures are not loaded until somebody is about to move something.
  const load = () => states.forEach((state) => { state.querySelector("img").loading = "eager"; });
  controls.forEach((control, i) => {
    const label = document.createElement("label");
    const value = document.createElement("output");
    const choose = control.kind === "choice";
    const field = document.createElement(choose ? "select" : "input");
    label.htmlFor = field.id = `mlmi-${number}-${i}`;
    label.textContent = control.label;
    const words = () => {
      value.textContent = control.words[at[i]];
      field.setAttribute("aria-valuetext", control.words[at[i]]);
    };
    if (choose) {
      control.words.forEach((word, n) => field.add(new Option(word, n, n === at[i], n === at[i])));
    } else if (control.kind === "switch") {
      field.type = "checkbox";
      field.checked = at[i] === 1;
    } else {
      Object.assign(field, { type: "range", min: 0, max: control.words.length - 1, step: 1 });
      field.value = at[i];
      words();
    }
    field.addEventListener("input", () => {
      at[i] = field.type === "checkbox" ? Number(field.checked) : Number(field.value);
      if (field.type === "range") words();
      show();
    });
    const row = document.createElement("div");
    row.append(label, field, ...(field.type === "range" ? [value] : []));
    fields.append(row);
  });
  for (const event of ["pointerenter", "focusin"]) box.addEventListener(event, load, { once: true });
  box.prepend(fields);
  box.append(line);
  if (still) still.hidden = true;
  show();
}
