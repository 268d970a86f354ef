"""A network as an ONNX file (an extra: ``pip install 'assay[onnx]'``)."""

from __future__ import annotations

import io
import warnings
from contextlib import redirect_stdout

import torch
from torch import nn

from assay.errors import UserError


def onnx_bytes(network: nn.Module, shape: tuple[int, ...]) -> bytes:
    """The network, input ``x`` (n, *shape) for any n, output ``logits``.

    Raises
    ------
    UserError
        If a library is missing, or the network takes batches of one size alone.
    """
    try:
        import onnxscript  # noqa: F401 - torch.onnx needs it
    except ImportError as error:
        raise UserError(f"onnx: {error}; install it with: pip install 'assay[onnx]'") from None
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # of the libraries' own making
        program = torch.onnx.export(
            network,
            (torch.zeros(2, *shape),),
            input_names=["x"],
            output_names=["logits"],
            dynamic_shapes=({0: torch.export.Dim("n")},),
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    proto = program.model_proto
    if not proto.graph.input[0].type.tensor_type.shape.dim[0].dim_param:
        raise UserError("onnx: the backbone fixes the number of items (len(x) does; x.shape[0] would not)")
    return bytes(proto.SerializeToString())
