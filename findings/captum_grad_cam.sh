#!/usr/bin/env bash
# Grad-CAM without its last step: Captum keeps what the paper throws away.
#
# One would guess: LayerGradCam is Grad-CAM, whose map is 0 or more: the paper applies a ReLU, because
#   only what speaks for the class is wanted.
# What happens: relu_attributions is False by default, so the map has negative values. Shown in grey or
#   as a heat map from its minimum to its maximum, a place that speaks *against* the class gets a
#   colour, and zero is somewhere in the middle; with the absolute value it may even be the brightest.
# Why it matters: the same network and patient get another picture than in a paper that used another
#   package, and the largest value may lie outside the lesion in one and inside in the other.
# Seen with: captum 0.9.0 (torch 2.13.0), 2026-11-29.
# Source: https://pytorch.org/captum/api/_modules/captum/attr/_core/layer/grad_cam.html (opened: it says
#   so, and why).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 captum==0.9.0 numpy==2.3.5
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
import captum
import torch
from captum.attr import LayerGradCam
from torch import nn

print("captum", captum.__version__, "torch", torch.__version__)
net = nn.Sequential(nn.Conv2d(1, 2, 1, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 1, bias=False))
with torch.no_grad():
    net[0].weight[:] = torch.tensor([1.0, -1.0]).reshape(2, 1, 1, 1)
    net[3].weight[:] = torch.tensor([[1.0, 0.0]])
image = torch.zeros(1, 1, 8, 8)
image[0, 0, 2, 2], image[0, 0, 5, 5] = 1, -3  # speaks for the class; speaks against it, more strongly
by_default = LayerGradCam(net, net[0]).attribute(image, target=0)[0, 0]
as_published = LayerGradCam(net, net[0]).attribute(image, target=0, relu_attributions=True)[0, 0]
print("default: least", float(by_default.min()), "most", float(by_default.max()))
print("relu_attributions=True: least", float(as_published.min()), "most", float(as_published.max()))
assert by_default.min() < 0, "the ReLU is applied now"
assert as_published.min() == 0
print("largest absolute value at", divmod(int(by_default.abs().argmax()), 8), "largest at", divmod(int(as_published.argmax()), 8))
assert int(by_default.abs().argmax()) == 5 * 8 + 5 and int(as_published.argmax()) == 2 * 8 + 2
print("as described")
PYTHON
