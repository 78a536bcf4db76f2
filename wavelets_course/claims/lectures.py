"""The sources whose claims are measured, as lectures of the course."""

from .registry import Source

FIRST_LAYERS = Source(
    title="What first layers learn",
    work="J. Tanner, Visualising the filters and response, memory, in a CNN: deterministic multi-resolution "
    "frames and transfer learning (University of Oxford, Theories of Deep Learning, video 12)",
)

MULTIRESOLUTION = Source(
    title="Multi-resolution and WavPool",
    work="M. Voetberg, S. D. McDermott and B. Nord, WavPool: A New Block for Deep Neural Networks "
    "(talk and paper, 2023)",
)

DUAL_TREES = Source(
    title="Dual trees inside CNNs",
    work="H. Leterme, K. Polisano, V. Perrier and K. Alahari, Sparsifying Convolutional Layers with "
    "Dual-Tree Wavelet Packets (poster, 2021)",
)

COMPRESSING = Source(
    title="Compressing the input with first-order scattering",
    work="E. Oyallon, E. Belilovsky, S. Zagoruyko and M. Valko, Compressing the Input for CNNs with the "
    "First-Order Scattering Transform (ECCV 2018)",
)
