"""A task ends, also when what it waits for swallows a cancellation."""

import asyncio

from gatepost.runtime.ending import ended


async def _for_ever() -> None:
    while True:
        await asyncio.sleep(3600)


async def _after_an_answer(answer: "asyncio.Future[None]") -> None:
    """A mail server answers, by a library that waits as libraries do; then the next thing is waited for."""
    try:
        await asyncio.wait_for(answer, 3600)
    except asyncio.CancelledError:
        await _for_ever()  # what Python before 3.12 does of itself
    await _for_ever()


def test_one_that_swallows_its_first_cancellation_ends() -> None:
    """It comes together with the answer that was waited for."""

    async def work() -> None:
        answer = asyncio.get_running_loop().create_future()
        tasks = [asyncio.create_task(_after_an_answer(answer)), asyncio.create_task(_for_ever())]
        await asyncio.sleep(0)
        answer.set_result(None)
        async with asyncio.timeout(20):
            await ended(tasks, again=0.01)
        assert all(task.cancelled() for task in tasks)

    asyncio.run(work())


def test_what_one_raises_is_left_in_it() -> None:
    """One failed before; nothing is left to tell."""

    async def fails() -> None:
        raise OSError("gone")

    async def work() -> None:
        task = asyncio.create_task(fails())
        await asyncio.sleep(0)
        await ended([task])
        await ended([])
        assert isinstance(task.exception(), OSError)

    asyncio.run(work())
