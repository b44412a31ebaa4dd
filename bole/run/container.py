"""The container of a service: nameko's, with workers that answer in our way.

nameko's worker logs every exception with its message, which may hold personal data, and sends it to
the caller by class name. Ours lets the entrypoint perform the call and give a reply, errors included.
"""

from __future__ import annotations

from typing import Any

from nameko.containers import ServiceContainer


class Container(ServiceContainer):  # type: ignore[misc]  # nameko is untyped
    """nameko's container; entrypoints that can `perform` run themselves, all others as nameko has it."""

    @property
    def died(self) -> bool:
        """Whether it ended: stopped, or killed by what escaped from one of its threads."""
        return bool(self._died.ready())

    def _run_worker(self, worker_ctx: Any, handle_result: Any) -> None:
        perform = getattr(worker_ctx.entrypoint, "perform", None)
        if perform is None:
            super()._run_worker(worker_ctx, handle_result)
            return
        self._inject_dependencies(worker_ctx)
        self._worker_setup(worker_ctx)
        reply = perform(worker_ctx.service, *worker_ctx.args)
        reply, problem = handle_result(worker_ctx, reply, None)
        self._worker_result(worker_ctx, reply, problem)
        self._worker_teardown(worker_ctx)

    def service_outside_a_call(self) -> Any:
        """An instance of the service with its dependencies, for threads that call its methods."""
        service = self.service_cls()
        for provider in self.dependencies:
            setattr(service, provider.attr_name, provider.get_dependency(None))
        return service
