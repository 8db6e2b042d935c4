# Link options of a module that JavaScript imports and starts synchronously: link it for them.
add_library(steadysocket_es_module INTERFACE)
target_link_options(
  steadysocket_es_module
  INTERFACE
  --no-entry
  -sMODULARIZE=1
  -sEXPORT_ES6=1
  # With the bytes passed in it loads in Node too; "node" here would break ES modules on 3.1.6.
  -sENVIRONMENT=web,worker
  -sWASM_ASYNC_COMPILATION=0
  -sALLOW_MEMORY_GROWTH=1
  -sFILESYSTEM=0)
if(EMSCRIPTEN_VERSION VERSION_LESS 3.1.34)
  # Otherwise the glue handles uncaught exceptions of the whole Node process.
  target_link_options(steadysocket_es_module INTERFACE -sNODEJS_CATCH_EXIT=0
                      -sNODEJS_CATCH_REJECTION=0)
endif()
if(EMSCRIPTEN_VERSION VERSION_LESS 4.0.0)
  # 64-bit integers cross as BigInt; otherwise a layer of glue splits them. Later the default.
  target_link_options(steadysocket_es_module INTERFACE -sWASM_BIGINT=1)
endif()
