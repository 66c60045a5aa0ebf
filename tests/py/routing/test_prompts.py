"""What a prompt asks for."""

import pytest

from nearside.routing.prompts import asks_for_writing


@pytest.mark.parametrize(
    "prompt",
    [
        "Write a poem about the sea",
        "please draft an email to my landlord",
        "Could you translate this into French: good morning",
        "  Help me plan a trip",
        "give me some ideas for a birthday",
        "What is wrong here?\n```python\nprint(1\n```",
        "Solve 3x + 4 = 10",
    ],
)
def test_something_new_is_asked_for(prompt):
    assert asks_for_writing(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "How do I undo it?",
        "Who wrote the letter?",
        "what does local-only mean",
        "Is the writing on the wall mentioned?",
        "when was the plan made",
        "codes",
        "",
    ],
)
def test_a_question_is_none_of_that(prompt):
    assert not asks_for_writing(prompt)
