"""The targets that tests run, whatever this machine is: LLVM makes vectors of any width for it."""

from dataclasses import replace

from radixnet.training.compiled.targets import AVX2, AVX512, NEON, SSE, WASM

# WebAssembly's own multiply-add is unknown here; older browsers have none either.
TARGETS = {
    "AVX-512": AVX512,
    "AVX2": AVX2,
    "NEON": NEON,
    "SSE": replace(SSE, multiply_add=""),  # as for a processor that is not known
    "WebAssembly": replace(WASM, multiply_add=""),
}
