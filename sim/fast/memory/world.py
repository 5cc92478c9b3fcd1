"""The tables of one replication in memory, which grow with need."""

import numpy as np

from sim.fast.memory.codes import TASK_BITS
from sim.fast.memory.people import Task
from sim.fast.memory.rows import Site, Table, new_table
from sim.fast.memory.visits import Due, Visit
from sim.log import CHANGE_TYPES

WRITTEN_OF_A_VISIT = "marks", "stamps", "service_times"
"""What the loop writes there."""


class Tables:
    """Tables that a loop reaches from one row, which says where they lie."""

    def __init__(self, row: type) -> None:
        """Nothing is laid out yet; take what is in the row."""
        self.table = new_table(row, 1)
        self._row = self.table[0]
        self._tables: dict[str, Table] = {}

    def __getitem__(self, name: str) -> Table:
        return self._tables[name]

    def lay(self, name: str, table: Table) -> None:
        """Keep a table, and tell the loop where it lies."""
        self._tables[name] = table
        self._row[name] = table.ctypes.data

    def set(self, name: str, value: float) -> None:
        """Set a field of the row."""
        self._row[name] = value

    def get(self, name: str) -> float:
        """A field of the row."""
        value: float = self._row[name].item()
        return value

    def move_to(self, table: Table) -> None:
        """Have the row in another table, of this one row."""
        table[:] = self.table
        self.table, self._row = table, table[0]


class World(Tables):
    """The tables of one replication of a facility, and its site's row."""

    def __init__(self) -> None:
        """Nothing is laid out yet."""
        super().__init__(Site)

    def copy(self) -> "World":
        """Another with the same tables, and a site of its own."""
        found = World()
        found.table[:] = self.table
        found._tables |= self._tables
        return found

    def new_log(self, room: int) -> None:
        """A log of changes with so much room."""
        for name, kind in CHANGE_TYPES.items():
            self.lay(f"change_{name}", np.empty(room, dtype=kind))
        self.set("change_room", room)

    def new_ring(self, rows: int) -> None:
        """So many rows for visits under way, a power of two."""
        self.lay("visits", new_table(Visit, rows))
        self.lay("tasks", new_table(Task, rows << TASK_BITS))
        self.lay("accepted", np.zeros((rows, int(self.get("accepted_width"))), dtype=np.int64))
        dues = rows * int(self.get("stay_tasks_count"))
        self.lay("dues", new_table(Due, dues))
        self.set("dues_count", dues)
        self.set("ring", rows)
        self.set("ring_mask", rows - 1)
        self.set("tasks_count", rows << TASK_BITS)
        self.set("tasks_mask", (rows << TASK_BITS) - 1)

    def widen_ring(self) -> None:
        """Twice the rows for visits under way."""
        visits, tasks, accepted = self["visits"], self["tasks"], self["accepted"]
        dues = self["dues"].reshape(len(visits), -1)
        self.new_ring(2 * len(visits))
        row = visits["number"] % len(self["visits"])
        self["visits"][row], self["accepted"][row] = visits, accepted
        of_one = 1 << TASK_BITS
        self["tasks"].reshape(-1, of_one)[row] = tasks.reshape(-1, of_one)
        self["dues"].reshape(len(self["visits"]), -1)[row] = dues

    def new_visits(self, rows: int, written: int) -> None:
        """Room for so many visits, where those that come are not known; some have been written."""
        for name in WRITTEN_OF_A_VISIT:
            column = self[name]
            longer = np.empty((*column.shape[:-1], rows), dtype=column.dtype)
            longer[..., :written] = column[..., :written]
            self.lay(name, longer)
        self.set("visits_count", rows)

    def lengthen_log(self) -> None:
        """Twice the room for the log of changes."""
        written = {name: self[name] for name in map("change_{}".format, CHANGE_TYPES)}
        room = int(self.get("change_room"))
        self.new_log(2 * room)
        for name, column in written.items():
            self[name][:room] = column
