"""What arrows go between: spaces and finite sets, as strict tuples of wires."""

from .ob import Fin as Fin
from .ob import Key as Key
from .ob import Ob as Ob
from .ob import R as R
from .ob import bare as bare
from .ob import space_of as space_of
from .ob import unit as unit
from .wires import Wire as Wire
from .wires import is_concrete as is_concrete
from .wires import wire_of as wire_of
