"""The chat-template interpreter against Jinja itself, set up as Hugging Face's tokenizers set it up."""
import pathlib

import jinja2
import pytest

import constructs
import product
import reference
from conversations import all_conversations

HERE = pathlib.Path(__file__).parent
FAMILIES = sorted((HERE / "families").glob("*.jinja")) + [product.ROOT / "models" / "recipe" / "chat_template.jinja"]


def expected(source, conversation):
    """What Jinja renders, the message it refuses with, or True for any other error."""
    try:
        return reference.render(source, conversation)
    except reference.Refusal as refusal:
        return {"error": str(refusal)}
    except (jinja2.TemplateError, TypeError, ValueError, OverflowError, ZeroDivisionError, KeyError):
        return True


def agrees(answer, wanted):
    if wanted is True:
        return isinstance(answer, dict)
    return answer == wanted


@pytest.mark.parametrize("path", FAMILIES, ids=lambda path: path.stem)
def test_family_renders_as_jinja_does(path):
    source = path.read_text(encoding="utf-8")
    conversations = list(all_conversations())
    answers = product.render(source, conversations)
    assert answers is not None
    rendered = 0
    for conversation, answer in zip(conversations, answers):
        wanted = expected(source, conversation)
        assert agrees(answer, wanted), f"{conversation}\nwanted {wanted!r}\ngot    {answer!r}"
        rendered += isinstance(wanted, str)
    assert rendered >= 20


@pytest.mark.parametrize("source", constructs.TEMPLATES)
def test_construct_renders_as_jinja_does(source):
    answers = product.render(source, [constructs.CONTEXT])
    wanted = expected(source, constructs.CONTEXT)
    if answers is None:
        with pytest.raises(jinja2.TemplateError):
            reference.render(source, constructs.CONTEXT)
    else:
        assert agrees(answers[0], wanted), f"wanted {wanted!r}\ngot    {answers[0]!r}"


@pytest.mark.parametrize("source", constructs.HOSTILE)
def test_hostile_template_ends_with_an_error(source):
    answers = product.render(source, [constructs.CONTEXT])
    assert answers is None or isinstance(answers[0], dict), answers
