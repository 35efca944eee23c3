"""The life cycle as a table: whole, closed, and the shortest ways through it."""

import itertools

import pytest

from vmodel._lifecycle import HOLDS, TRANSITIONS, Arc, State, Step, route

ARCS = [(state, step, arc) for state, arcs in TRANSITIONS.items() for step, arc in arcs.items()]
MEMORY = {State.LOADING, State.LOADED, State.TESTING, State.READY, State.UNLOADING, State.STUCK}


def walk(start: State, steps: tuple[Step, ...]) -> State:
    """Return the state after *steps*, each of which succeeds."""
    for step in steps:
        start = TRANSITIONS[start][step].success
    return start


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_row_and_holds_something_that_is_said(state: State) -> None:
    """Also those with no way out."""
    assert state in TRANSITIONS
    assert HOLDS[state] == ("nothing" if state is State.NEW else "files, memory" if state in MEMORY else "files")


@pytest.mark.parametrize("state", [state for state in State if state.busy])
def test_nothing_may_begin_in_a_busy_state(state: State) -> None:
    """Whoever comes meanwhile waits."""
    assert state.name.endswith("ING")
    assert not TRANSITIONS[state]


@pytest.mark.parametrize("state", [state for state in State if not state.busy])
def test_every_other_state_has_a_way_out(state: State) -> None:
    """Nothing that went wrong is for ever."""
    assert TRANSITIONS[state]


@pytest.mark.parametrize(("state", "step", "arc"), ARCS)
def test_a_step_goes_through_a_busy_state_to_one_at_rest(state: State, step: Step, arc: Arc) -> None:
    """Each of its ends is one that somebody can go on from."""
    assert arc.during.busy
    ends = [arc.success, arc.failure, arc.undo_failed, arc.interrupted]
    assert not [end for end in ends if end is not None and end.busy]


@pytest.mark.parametrize(("state", "step", "arc"), ARCS)
def test_one_step_is_on_its_way_in_one_busy_state(state: State, step: Step, arc: Arc) -> None:
    """The name of the state tells which step it is."""
    assert {other.during for _, name, other in ARCS if name is step} == {arc.during}
    assert {name for _, name, other in ARCS if other.during is arc.during} == {step}


def test_every_busy_state_belongs_to_a_step_and_every_step_to_a_state() -> None:
    """No row and no name is dead."""
    assert {arc.during for _, _, arc in ARCS} == {state for state in State if state.busy}
    assert {step for _, step, _ in ARCS} == set(Step)


def test_what_failed_in_memory_is_taken_out_of_it() -> None:
    """A step that leaves memory behind and fails either undoes that or ends STUCK."""
    for _, step, arc in ARCS:
        if "memory" in HOLDS[arc.during]:
            assert arc.undo is Step.UNLOAD or (step is Step.UNLOAD and arc.failure is State.STUCK)


@pytest.mark.parametrize(
    ("state", "step", "failure", "undo_failed", "interrupted"),
    [
        (State.NEW, Step.PREPARE, State.NEW, None, None),
        (State.PREPARED, Step.LOAD, State.PREPARED, None, None),
        (State.PREPARED, Step.CLEANUP, State.PREPARED, None, None),
        (State.LOADED, Step.TEST, State.UNUSABLE, State.STUCK, State.PREPARED),
        (State.READY, Step.TEST, State.UNUSABLE, State.STUCK, State.PREPARED),
        (State.LOADED, Step.UNLOAD, State.STUCK, None, None),
        (State.READY, Step.UNLOAD, State.STUCK, None, None),
        (State.UNUSABLE, Step.LOAD, State.UNUSABLE, None, None),
        (State.UNUSABLE, Step.CLEANUP, State.UNUSABLE, None, None),
        (State.STUCK, Step.UNLOAD, State.STUCK, None, None),
    ],
)
def test_a_step_that_fails_ends_where_the_design_says(
    state: State, step: Step, failure: State, undo_failed: State | None, interrupted: State | None
) -> None:
    """An interrupt is no failure: the test of a service says nothing then."""
    arc = TRANSITIONS[state][step]
    assert (arc.failure, arc.undo_failed, arc.interrupted) == (failure, undo_failed, interrupted)


@pytest.mark.parametrize(("start", "goal"), list(itertools.product(State, State)))
def test_the_way_between_two_states_is_the_shortest_there_is(start: State, goal: State) -> None:
    """It leads there, no shorter one does, and where there is none `route()` says None."""
    way = route(start, goal)
    reached = {start}
    for length in range(len(State)):
        if goal in reached:
            assert way is not None
            assert (len(way), walk(start, way)) == (length, goal)
            return
        reached |= {arc.success for state in reached for arc in TRANSITIONS[state].values()}
    assert way is None


@pytest.mark.parametrize(
    ("start", "goal", "steps"),
    [
        (State.NEW, State.READY, (Step.PREPARE, Step.LOAD, Step.TEST)),
        (State.READY, State.NEW, (Step.UNLOAD, Step.CLEANUP)),
        (State.UNUSABLE, State.READY, (Step.LOAD, Step.TEST)),
        (State.STUCK, State.READY, (Step.UNLOAD, Step.LOAD, Step.TEST)),
        (State.READY, State.READY, ()),
        (State.NEW, State.UNUSABLE, None),
        (State.LOADING, State.READY, None),
    ],
)
def test_the_ways_that_matter_are_what_people_expect(start: State, goal: State, steps: tuple[Step, ...] | None) -> None:
    """The examples of the concepts page; nobody sets out for a state that only a failure leads to."""
    assert route(start, goal) == steps


def test_the_table_cannot_be_changed() -> None:
    """Everybody reads the same one."""
    with pytest.raises(TypeError):
        TRANSITIONS[State.NEW] = {}
    with pytest.raises(TypeError):
        HOLDS[State.NEW] = "files"
