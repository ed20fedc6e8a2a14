"""Which questions a notebook asks, and which cells belong to each."""

from autograder.problem_sets.outline import outline


def test_every_notebook_has_an_outline(problem_set):
    for exercise in problem_set.exercises:
        plan = outline(exercise)
        tested = [name for question in plan.questions for name in question.tests]
        assert tested == [cell.id for cell in exercise.automatic_cells]
        assert [q.title for q in plan.questions if q.tests] == list(exercise.key.questions)
        assert all(question.section for question in plan.questions)
        assert not [q for q in plan.questions if "SCHEME" in q.section or "#" in q.section]
        assert any(question.by_hand for question in plan.questions)
