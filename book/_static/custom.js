// Wide tables, code, formulas and figures scroll inside their own box; the keyboard must be able to scroll them too.
document.addEventListener("DOMContentLoaded", () => {
  const boxed = (node, name) => {
    const box = document.createElement("div");
    box.className = name;
    node.replaceWith(box);
    box.append(node);
  };
  for (const table of document.querySelectorAll(".bd-article table")) {
    if (!table.closest(".table-scroll")) boxed(table, "table-scroll");
  }
  for (const figure of document.querySelectorAll(".bd-article .cell_output > img")) boxed(figure, "figure-scroll");
  const reachable = () => {
    for (const box of document.querySelectorAll(".bd-article :is(pre, .table-scroll, div.math, .figure-scroll)")) {
      if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  window.addEventListener("load", reachable);
  window.addEventListener("resize", reachable);
});
