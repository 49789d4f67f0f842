"""Import torchvision, also where its compiled operators do not load.

PyPI's Linux wheel of torchvision is built against CUDA torch. Over a CPU-only torch its compiled
library does not load, and `import torchvision` stops at the first operator it looks up:
`operator torchvision::nms does not exist`. We need datasets, which use none of those operators, so
declaring the two that torchvision looks up at import is enough. Where the plain import works, nothing
here happens.
"""

import sys

import torch

_declared = []  # keeps the declarations alive: they are withdrawn when the Library object is collected


def import_torchvision():
    """Return the torchvision module.

    Raises whatever `import torchvision` raises for any reason but the missing operators.
    """
    try:
        import torchvision
    except RuntimeError as error:
        if "torchvision::" not in str(error) or _declared:
            raise
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]  # what the failed import left half made
        library = torch.library.Library("torchvision", "DEF")
        for operator in ("nms", "qnms"):
            library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _declared.append(library)
        import torchvision
    return torchvision
