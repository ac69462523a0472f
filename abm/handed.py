"""What the compiled day is handed, laid down in memory once instead of being taken apart at every call.

numba takes all arrays of an argument apart at each call, while the interpreter's lock is held: for a market's hundred
arrays that lasts as long as several bars of a small market. So their compiled form is kept beside them.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.registry import cpu_target
from numba.extending import NativeValue, intrinsic, make_attribute_wrapper, models, register_model, typeof_impl, unbox

from abm.compile import kernel


class Handed:
    """Arrays, numbers and tuples of them, which compiled code reads as `parts`.

    What is in the arrays may change; where they lie may not, and cannot while they are held here.
    """

    def __init__(self, parts: tuple[Any, ...]) -> None:
        self.parts = parts
        if numba.config.DISABLE_JIT:  # then Python reads them
            return
        self.kind = HandedType(numba.typeof(parts))
        context = cpu_target.target_context
        self._room = np.zeros(context.get_abi_sizeof(context.get_value_type(self.kind.parts)), np.uint8)
        self.address = self._room.ctypes.data
        lay_down(self.address, parts)


class HandedType(types.Type):
    """numba's type of a `Handed`: that of its parts."""

    def __init__(self, parts: types.Type) -> None:
        self.parts = parts
        self.types = (parts,)  # what tuples call it
        super().__init__(name=f"Handed({parts})")


@register_model(HandedType)
class HandedModel(models.StructModel):
    """In compiled code there is nothing to it but its parts."""

    def __init__(self, manager: Any, kind: HandedType) -> None:
        super().__init__(manager, kind, [("parts", kind.parts)])


make_attribute_wrapper(HandedType, "parts", "parts")


@typeof_impl.register(Handed)
def _typeof(handed: Handed, _: Any) -> HandedType:
    return handed.kind


@unbox(HandedType)
def _unbox(kind: HandedType, handed: Any, c: Any) -> Any:
    number = c.pyapi.object_getattr_string(handed, "address")
    address = c.pyapi.long_as_voidptr(number)
    c.pyapi.decref(number)
    made = cgutils.create_struct_proxy(kind)(c.context, c.builder)
    made.parts = c.builder.load(c.builder.bitcast(address, c.context.get_value_type(kind.parts).as_pointer()))
    return NativeValue(made._getvalue(), is_error=cgutils.is_not_null(c.builder, c.pyapi.err_occurred()))


def _storing(_: Any, _address: Any, parts: Any) -> Any:
    def write(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        kept = _without_owners(context, builder, parts, given[1])
        builder.store(kept, builder.inttoptr(given[0], kept.type.as_pointer()))
        return context.get_dummy_value()

    return types.void(types.intp, parts), write


def _without_owners(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """A value whose arrays say of nobody that he owns them: who does is known to a call only while it lasts.

    Kernels that count references (a user's own) then have nothing to count.
    """
    if isinstance(kind, types.Array):
        array = context.make_array(kind)(context, builder, value)
        array.meminfo, array.parent = (ir.Constant(owner.type, None) for owner in (array.meminfo, array.parent))
        return array._getvalue()
    if isinstance(kind, types.BaseTuple):
        for place, part in enumerate(kind.types):
            kept = _without_owners(context, builder, part, builder.extract_value(value, place))
            value = builder.insert_value(value, kept, place)
        return value
    if context.data_model_manager[kind].contains_nrt_meminfo():
        raise TypeError(f"{kind}: a market's state is made of arrays, numbers and tuples of them")
    return value


_store: Any = intrinsic(_storing)


@kernel
def lay_down(address: int, parts: tuple[Any, ...]) -> None:
    """Write the compiled form of the parts where there is room for it."""
    _store(address, parts)
