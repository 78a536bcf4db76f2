"""Bring a figure's text alternative to the page.

The book's notebook parser drops all of an output's metadata but width and height. This renderer, named
in the book's settings as ``nb_render_plugin: wavelets_course``, also carries ``alt`` over to the image
of the page. Only this file imports the parser: `figures` works without it.
"""

from typing import Any

from myst_nb.core.render import MimeData, NbElementRenderer


class FigureRenderer(NbElementRenderer):  # type: ignore[misc]  # the parser has no types
    """Render notebook outputs as usual, and give each image the `alt` that came with it.

    An ``alt`` that an author wrote in the cell's own metadata (``mystnb: {image: {alt: ...}}``) wins.
    """

    def render_image(self, data: MimeData) -> list[Any]:
        """Render an image output; its metadata ``{"image/png": {"alt": ...}}`` becomes its text."""
        rendered: list[Any] = super().render_image(data)
        alt = data.output_metadata.get(data.mime_type, {}).get("alt")
        for node in rendered:
            if alt and node.tagname == "image":
                node.setdefault("alt", alt)
        return rendered
