"""The official OpenAI client against both completion endpoints and the model list."""

from __future__ import annotations

import asyncio

import golden
import openai
import pytest
from lamina_server import LaminaServer
from openai import AsyncOpenAI, OpenAI

CAPITAL = [{"role": "user", "content": "What is the capital of France?"}]
CHATS = golden.chats()
COMPLETIONS = golden.completions()


@pytest.fixture
def model(client: OpenAI) -> str:
    return client.models.list().data[0].id


def test_a_chat_answers_sensibly(client: OpenAI, model: str):
    answer = client.chat.completions.create(model=model, messages=CAPITAL, temperature=0)
    assert answer.object == "chat.completion"
    assert answer.id
    assert answer.created > 1_700_000_000
    assert answer.model == model
    assert len(answer.choices) == 1
    assert answer.choices[0].index == 0
    assert answer.choices[0].message.role == "assistant"
    assert "Paris" in answer.choices[0].message.content
    assert "<|im_end|>" not in answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"


@pytest.mark.parametrize("chat", CHATS, ids=lambda chat: chat.messages[-1]["content"][:30])
def test_a_greedy_chat_gives_the_golden_answer(client: OpenAI, model: str, chat: golden.GoldenChat):
    answer = client.chat.completions.create(
        model=model, messages=chat.messages, temperature=0, max_tokens=len(chat.ids)
    )
    assert answer.choices[0].message.content == chat.answer
    assert answer.choices[0].finish_reason == ("stop" if chat.is_finished else "length")
    assert answer.usage.prompt_tokens == chat.prompt_tokens
    # The token that ends the turn may be counted or not.
    assert len(chat.ids) - answer.usage.completion_tokens in ((0, 1) if chat.is_finished else (0,))
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


@pytest.mark.parametrize("chat", CHATS, ids=lambda chat: chat.messages[-1]["content"][:30])
def test_a_streamed_chat_gives_the_same_answer(client: OpenAI, model: str, chat: golden.GoldenChat):
    with client.chat.completions.create(
        model=model, messages=chat.messages, temperature=0, max_tokens=len(chat.ids), stream=True
    ) as stream:
        chunks = list(stream)
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk.id for chunk in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == chat.answer
    reasons = [chunk.choices[0].finish_reason for chunk in chunks]
    assert reasons[-1] == ("stop" if chat.is_finished else "length")
    assert set(reasons[:-1]) <= {None}
    assert len(chunks) > 3, "the answer must come in pieces"


@pytest.mark.parametrize("completion", COMPLETIONS, ids=lambda completion: completion.prompt)
def test_a_greedy_completion_gives_the_golden_tokens(client: OpenAI, model: str, completion: golden.GoldenCompletion):
    limit = len(completion.ids)
    answer = client.completions.create(model=model, prompt=completion.prompt, temperature=0, max_tokens=limit)
    assert answer.object == "text_completion"
    assert answer.choices[0].text == completion.continuation
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.prompt_tokens == completion.prompt_tokens
    assert answer.usage.completion_tokens == limit


def test_a_streamed_completion_gives_the_same_text(client: OpenAI, model: str):
    parameters = {"model": model, "prompt": "Once upon a time", "temperature": 0, "max_tokens": 40}
    whole = client.completions.create(**parameters)
    with client.completions.create(**parameters, stream=True) as stream:
        chunks = list(stream)
    assert "".join(chunk.choices[0].text for chunk in chunks) == whole.choices[0].text
    assert chunks[-1].choices[0].finish_reason == whole.choices[0].finish_reason


@pytest.mark.parametrize("include", [True, False])
def test_a_stream_carries_usage_when_asked(client: OpenAI, model: str, include: bool):
    with client.chat.completions.create(
        model=model, messages=CAPITAL, temperature=0, stream=True, stream_options={"include_usage": include}
    ) as stream:
        chunks = list(stream)
    if not include:
        assert all(chunk.usage is None for chunk in chunks)
        return
    assert chunks[-1].choices == []
    assert chunks[-1].usage.prompt_tokens > 0
    assert chunks[-1].usage.completion_tokens > 0
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_max_tokens_ends_with_length(client: OpenAI, model: str):
    answer = client.chat.completions.create(model=model, messages=CAPITAL, temperature=0, max_tokens=2)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 2


def test_max_completion_tokens_is_the_newer_name(client: OpenAI, model: str):
    answer = client.chat.completions.create(model=model, messages=CAPITAL, temperature=0, max_completion_tokens=2)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 2


@pytest.mark.parametrize("stop", [" of", [" is", " of"]])
def test_a_stop_string_ends_the_text_before_it(client: OpenAI, model: str, stop: str | list[str]):
    whole = client.chat.completions.create(model=model, messages=CAPITAL, temperature=0)
    text = whole.choices[0].message.content
    cut = min(text.index(one) for one in ([stop] if isinstance(stop, str) else stop) if one in text)
    answer = client.chat.completions.create(model=model, messages=CAPITAL, temperature=0, stop=stop)
    assert answer.choices[0].message.content == text[:cut]
    assert answer.choices[0].finish_reason == "stop"


def test_a_seed_repeats_and_another_seed_differs(client: OpenAI, model: str):
    def story(seed: int) -> str:
        answer = client.completions.create(
            model=model, prompt="Once upon a time", temperature=1, seed=seed, max_tokens=60
        )
        return answer.choices[0].text

    assert story(7) == story(7)
    assert len({story(seed) for seed in range(4)}) > 1


def test_greedy_is_the_default_of_this_model(client: OpenAI, model: str):
    answers = {
        client.completions.create(model=model, prompt="Once upon a time", max_tokens=30).choices[0].text
        for _ in range(3)
    }
    assert len(answers) == 1


def test_the_model_list_and_one_model(client: OpenAI):
    models = client.models.list().data
    assert len(models) == 1
    assert "lamina-tiny" in models[0].id
    assert models[0].object == "model"
    assert client.models.retrieve(models[0].id).id == models[0].id


def test_an_unknown_model_is_not_found(client: OpenAI):
    with pytest.raises(openai.NotFoundError) as refusal:
        client.models.retrieve("no-such-model")
    assert refusal.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError) as refusal:
        client.chat.completions.create(model="no-such-model", messages=CAPITAL)
    assert refusal.value.code == "model_not_found"
    assert "no-such-model" in refusal.value.message


def test_a_bad_parameter_is_a_bad_request(client: OpenAI, model: str):
    with pytest.raises(openai.BadRequestError) as refusal:
        client.chat.completions.create(model=model, messages=CAPITAL, max_tokens=-1)
    assert refusal.value.param == "max_tokens"


def test_a_prompt_over_the_context_names_both_numbers(client: OpenAI, model: str):
    with pytest.raises(openai.BadRequestError) as refusal:
        client.completions.create(model=model, prompt="word " * 3000, max_tokens=1)
    assert refusal.value.code == "context_length_exceeded"
    assert "1024" in refusal.value.message


def test_the_async_client(server: LaminaServer):
    async def ask() -> tuple[list[str], str]:
        async with AsyncOpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0, timeout=50) as client:
            model = (await client.models.list()).data[0].id
            answers = await asyncio.gather(
                *(client.chat.completions.create(model=model, messages=CAPITAL, temperature=0) for _ in range(4))
            )
            stream = await client.chat.completions.create(model=model, messages=CAPITAL, temperature=0, stream=True)
            streamed = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
            return [answer.choices[0].message.content for answer in answers], streamed

    answers, streamed = asyncio.run(ask())
    assert {*answers, streamed} == {answers[0]}
    assert "Paris" in streamed


def test_one_client_connection_serves_many_requests(client: OpenAI, model: str):
    for _ in range(20):
        answer = client.chat.completions.create(model=model, messages=CAPITAL, temperature=0)
        assert "Paris" in answer.choices[0].message.content
