"""Cells of notebooks as the tests of talks need them, and the slides that become of them."""

import nbformat

from vae_helpers.authoring.talks import slides_of

PICTURE = {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}
SENTENCE = "A sentence that has nine words is here now. "


def markdown(source, kind="-", *tags):
    return nbformat.v4.new_markdown_cell(source, metadata={"slideshow": {"slide_type": kind}, "tags": list(tags)})


def code(source, output=None, kind="-", *tags):
    outputs = [] if output is None else [output]
    metadata = {"slideshow": {"slide_type": kind}, "tags": list(tags)}
    return nbformat.v4.new_code_cell(source, outputs=outputs, metadata=metadata)


def printed(text):
    return nbformat.v4.new_output("stream", name="stdout", text=text)


def shown(data):
    return nbformat.v4.new_output("display_data", data)


def asked():
    data = {"text/markdown": "**Predict.** How many?", "text/plain": "How many?"}
    return code("", shown(data), "subslide", "question")


def slides(*cells):
    return slides_of(nbformat.v4.new_notebook(cells=list(cells)))


def text_of(slide):
    return "\n".join(part.cell.source for part in slide.parts)
