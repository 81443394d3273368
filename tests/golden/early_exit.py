"""Early exit over lists: whether everything that is open is written."""


def exits(masked: list[bool], margin: list[float], progress: float, bars: tuple[float, float, float]) -> bool:
    gaps = [gap for gap, is_open in zip(margin, masked, strict=True) if is_open]
    if not gaps:
        return False
    bar = bars[0] if progress < 0.33 else bars[1] if progress < 0.67 else bars[2]
    return sum(gaps) / len(gaps) >= bar
