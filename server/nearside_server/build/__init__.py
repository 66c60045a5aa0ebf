"""`nearside build`: everything between a source checkout and the folder that is served.

pins       what is fixed: versions, file names, hashes         checkout   where sources and caches lie
downloads  whole files over HTTP, verified                     ranges     a remote file read in pieces
index      where the package index keeps a file                vendored   Pyodide's wheels, from four sources
npm        the parts that come from npm                        tabwheel   the engine as a wheel for the tab
safetensors, graph, quantize, minilm, starter                  the starter model, from weights to model card
bundle     esbuild (web/build.mjs)                             assembly   the site's folders and files
compress   .br and .gz, cached by content                      manifest   build.json
stamp      has anything changed since the last build?          swap       lock, temp folder, rename
pipeline   the steps in order                                  console    what the person sees

The server never imports this package: `nearside serve` runs without onnx, brotli and Node.
"""
