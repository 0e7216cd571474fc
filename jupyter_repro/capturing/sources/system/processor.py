"""Parse ``/proc/cpuinfo``: the processor's model, and the features that change numbers.

Used by the system probe: text in, data out.
"""

from __future__ import annotations

import re

# x86 and ARM use different names for their features, and one name has two meanings: `sme` is
# matrix arithmetic on ARM and memory encryption on AMD. So each family has a separate list.
_X86_FEATURE = re.compile(r"sse4_2|f16c|fma4?|avx\w*|amx\w*")
_ARM_FEATURE = re.compile(r"neon|asimd\w*|fphp|fcma|bf16|i8mm|sve\w*|sme\w*")

# Names from the manuals of Arm and the makers, for processors that data centres use
_ARM_MAKERS = {
    0x41: "ARM",
    0x42: "Broadcom",
    0x43: "Cavium",
    0x46: "Fujitsu",
    0x48: "HiSilicon",
    0x4E: "NVIDIA",
    0x51: "Qualcomm",
    0x61: "Apple",
    0xC0: "Ampere",
}
_ARM_PARTS = {
    (0x41, 0xD08): "Cortex-A72",
    (0x41, 0xD0B): "Cortex-A76",
    (0x41, 0xD0C): "Neoverse-N1",
    (0x41, 0xD40): "Neoverse-V1",
    (0x41, 0xD49): "Neoverse-N2",
    (0x41, 0xD4F): "Neoverse-V2",
    (0x46, 0x001): "A64FX",
    (0xC0, 0xAC3): "Ampere-1",
}


def parse_cpuinfo(text: str) -> tuple[str | None, list[str]]:
    """Return the model of the first processor, and its features that change numbers.

    Parameters
    ----------
    text
        Contents of ``/proc/cpuinfo``, or their beginning.

    Returns
    -------
    tuple of str or None, and list of str
        The features are sorted and have the kernel's names (``avx512f``, ``asimd``, ``sve``).
    """
    block = text.strip().split("\n\n", 1)[0]
    facts = {
        key.strip(): value.strip()
        for key, colon, value in (line.partition(":") for line in block.splitlines())
        if colon
    }
    # "model name": x86 and a few ARM kernels; "cpu": POWER; "uarch": RISC-V
    model = next((facts[key] for key in ("model name", "cpu", "uarch") if facts.get(key)), None)
    features = {word for word in facts.get("flags", "").split() if _X86_FEATURE.fullmatch(word)}
    features |= {word for word in facts.get("Features", "").split() if _ARM_FEATURE.fullmatch(word)}
    return model or _arm_model(facts), sorted(features)


def _arm_model(facts: dict[str, str]) -> str | None:
    try:
        maker, part = int(facts["CPU implementer"], 16), int(facts["CPU part"], 16)
    except (KeyError, ValueError):
        return None
    maker_name = _ARM_MAKERS.get(maker, f"implementer {maker:#04x}")
    return f"{maker_name} {_ARM_PARTS.get((maker, part), f'part {part:#05x}')}"


def parse_cpu_list(text: str) -> set[int]:
    """Return the processors in the kernel's notation, such as ``0-3,8``.

    Raises
    ------
    ValueError
        If the text is in a different notation.
    """
    found: set[int] = set()
    for part in filter(None, text.strip().split(",")):
        first, _, last = part.partition("-")
        found.update(range(int(first), min(int(last or first), _MAX_PROCESSORS) + 1))
    return found


_MAX_PROCESSORS = 65_536
