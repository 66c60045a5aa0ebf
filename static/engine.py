"""What PyScript runs in the engine worker. PyScript looks for the global name `xworker` when a message comes."""

from polyscript import xworker

try:
    from nearside.platform.browser.main import serve

    serve(xworker)
except BaseException as failure:
    # PyScript would print this and call the worker ready all the same; the frame learns it when it sends the ports.
    from js import JSON

    message = '{"op": "broken", "reason": "%s"}' % type(failure).__name__

    def refuse(event):
        event.ports[1].postMessage(JSON.parse(message))

    xworker.onmessage = refuse
    raise
