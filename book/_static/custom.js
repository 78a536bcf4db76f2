// Wide tables, code, formulas and figures scroll inside their own box; the keyboard must be able to scroll them too.
document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll(".bd-article table")) {
    if (table.closest(".table-scroll")) continue;
    const box = document.createElement("div");
    box.className = "table-scroll";
    table.replaceWith(box);
    box.append(table);
  }
  const reachable = () => {
    for (const box of document.querySelectorAll(".bd-article :is(pre, .table-scroll, div.math, .cell_output)")) {
      if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  window.addEventListener("load", reachable);
  window.addEventListener("resize", reachable);
});
