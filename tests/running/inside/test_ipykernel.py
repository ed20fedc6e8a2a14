"""What we rely on inside ipykernel, and nobody promises: a version that differs fails here, in words."""

import importlib
import inspect

import pytest

SHELL = "autograder/running/inside/shell.py"


def thing(path):
    """What stands at "module:name.name", or a failed test that says which part is gone."""
    module, _, names = path.partition(":")
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        pytest.fail(f"{SHELL} needs {module}, which cannot be imported: {error}")
    for name in filter(None, names.split(".")):
        if not hasattr(found, name):
            pytest.fail(f"{SHELL} needs {path}, and the installed version has no {name}.")
        found = getattr(found, name)
    return found


@pytest.mark.parametrize("method", ["_get_exc_info", "enable_gui", "ask_exit", "run_cell", "reset"])
def test_the_shell_still_has_the_methods_that_ours_replaces_or_calls(method):
    assert callable(thing(f"ipykernel.zmqshell:ZMQInteractiveShell.{method}"))


def test_an_error_still_passes_through_the_method_that_cuts_our_line_off_it():
    method = thing("ipykernel.zmqshell:ZMQInteractiveShell._get_exc_info")
    parameters = inspect.signature(method).parameters
    assert list(parameters) == ["self", "exc_tuple"] and parameters["exc_tuple"].default is None, (
        f"{SHELL} replaces _get_exc_info(exc_tuple=None); its arguments are now {', '.join(parameters)}."
    )
    for caller in ("showtraceback", "showsyntaxerror", "get_exception_only"):
        source = inspect.getsource(thing(f"ipykernel.zmqshell:ZMQInteractiveShell.{caller}"))
        assert "_get_exc_info(" in source, f"{caller} asks _get_exc_info no more: {SHELL} is passed by."
    try:
        raise ValueError("seen")
    except ValueError as error:
        found = method(None, (type(error), error, error.__traceback__))
        assert found == (ValueError, error, error.__traceback__), (
            f"{SHELL} expects (class, error, traceback) of _get_exc_info, which gives {found!r}."
        )


def test_a_traceback_is_still_made_by_the_method_that_ours_leaves_out():
    source = inspect.getsource(thing("ipykernel.zmqshell:ZMQInteractiveShell.showtraceback"))
    assert "self.InteractiveTB.structured_traceback(" in source, (
        f"{SHELL} replaces InteractiveTB.structured_traceback, which showtraceback calls no more."
    )


@pytest.mark.parametrize(
    "publisher", ["ipykernel.displayhook:ZMQShellDisplayHook", "ipykernel.zmqshell:ZMQDisplayPublisher"]
)
@pytest.mark.parametrize("trait", ["session", "pub_socket"])
def test_what_publishes_still_takes_a_session_and_a_socket(publisher, trait):
    assert thing(publisher).class_traits().get(trait) is not None, (
        f"{SHELL} puts its own {trait} into {publisher}, which has no such trait any more."
    )


@pytest.mark.parametrize(
    ("trait", "publisher"),
    [
        ("displayhook_class", "ipykernel.displayhook:ZMQShellDisplayHook"),
        ("display_pub_class", "ipykernel.zmqshell:ZMQDisplayPublisher"),
    ],
)
def test_the_shell_still_publishes_through_these(trait, publisher):
    default = thing("ipykernel.zmqshell:ZMQInteractiveShell").class_traits()[trait].default_value
    assert default is thing(publisher), f"{SHELL} expects {publisher} as the shell's {trait}, not {default}."


def test_sessions_still_send_messages_in_the_form_that_ours_reads():
    session = thing("jupyter_client.session:Session")
    parameters = list(inspect.signature(session.send).parameters)
    assert parameters[:4] == ["self", "stream", "msg_or_type", "content"], (
        f"{SHELL} replaces Session.send(stream, msg_or_type, content, …); its arguments are now "
        f"{', '.join(parameters)}."
    )
    message = session().msg("stream", {"text": "1"})
    assert (message["header"]["msg_type"], message["content"]) == ("stream", {"text": "1"}), (
        f"{SHELL} reads a message's header.msg_type and content, which now look like {message!r}."
    )


def test_cells_are_still_compiled_as_a_kernel_does():
    """Tracebacks and warnings name a cell by what this compiler calls it."""
    compiler = thing("ipykernel.compiler:XCachingCompiler")
    assert callable(thing("ipykernel.compiler:XCachingCompiler.get_code_name"))
    trait = thing("ipykernel.zmqshell:ZMQInteractiveShell").class_traits().get("compiler_class")
    assert trait is not None, f"{SHELL} sets the shell's compiler_class, which is no trait any more."
    assert issubclass(compiler, trait.klass), f"{SHELL}: {compiler} is no compiler for the shell any more."


@pytest.mark.parametrize(
    ("owner", "trait"),
    [
        ("IPython.core.history:HistoryManager", "enabled"),
        ("IPython.core.interactiveshell:InteractiveShell", "cache_size"),
    ],
)
def test_the_settings_of_our_shell_are_still_settings(owner, trait):
    """An unknown one would be ignored without a word."""
    assert trait in thing(owner).class_traits(), f"{SHELL} sets {trait} of {owner}, which has it no more."


def test_the_shell_still_runs_cells_in_names_of_ours():
    parameters = inspect.signature(
        thing("IPython.core.interactiveshell:InteractiveShell.__init__")
    ).parameters
    assert "user_ns" in parameters, f"{SHELL} hands the shell its user_ns, which it takes no more."
