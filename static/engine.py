"""What PyScript runs in the engine worker. For a message PyScript looks for a global name `xworker`."""

from polyscript import xworker

try:
    from nearside.platform.browser.main import serve

    serve(xworker)
except BaseException as failure:
    # PyScript would only print this and call the worker ready: the frame learns it when it sends the ports.
    import json

    from js import JSON

    message = json.dumps({"op": "broken", "reason": type(failure).__name__})

    def refuse(event):
        event.ports[1].postMessage(JSON.parse(message))

    xworker.onmessage = refuse
    raise
