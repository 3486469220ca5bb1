"""Random RadiX-Nets of one to five layers, with sizes around their modulus."""

from math import prod

from hypothesis import strategies as st


@st.composite
def factorisations(draw, number, length):
    """Draw an ordered factorisation of a number into so many factors; ones may stand anywhere."""
    factors = []
    for _ in range(length - 1):
        left = number // prod(factors)
        divisors = [divisor for divisor in range(1, left + 1) if left % divisor == 0]
        factors.append(draw(st.sampled_from(divisors)))
    return [*factors, number // prod(factors)]


@st.composite
def legal_radix_lists(draw, max_modulus=48, max_layers=5, min_layers=1):
    """Draw legal radix lists: any split of one to five layers into lists."""
    modulus = draw(st.integers(1, max_modulus))
    layers = draw(st.integers(min_layers, max_layers))
    ends = sorted({*draw(st.sets(st.integers(1, layers), max_size=layers)), layers})
    lengths = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    lists = [draw(factorisations(modulus, length)) for length in lengths[:-1]]
    divisors = [divisor for divisor in range(1, modulus + 1) if modulus % divisor == 0]
    last = draw(st.sampled_from(divisors)) if lists else modulus
    return [*lists, draw(factorisations(last, lengths[-1]))]


@st.composite
def specifications(draw, max_modulus=48, max_layers=5):
    """Draw (radix lists, layer sizes): sizes from 1 to a little over twice N'."""
    lists = draw(legal_radix_lists(max_modulus, max_layers))
    layers = sum(map(len, lists))
    sizes = draw(
        st.lists(st.integers(1, 2 * prod(lists[0]) + 3), min_size=layers + 1, max_size=layers + 1)
    )
    return lists, tuple(sizes)
