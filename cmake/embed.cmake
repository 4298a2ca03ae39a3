# Puts text files into the program: kongruent_embed(room symbol folder pattern…) makes a C table of `struct embedded_text`
# (name below the folder without ".json", text, length) that ends with a NULL name.  Built again when a file changes.
function(kongruent_embed room symbol folder)
  set(root ${CMAKE_SOURCE_DIR}/${folder})
  list(TRANSFORM ARGN PREPEND ${root}/ OUTPUT_VARIABLE patterns)
  file(GLOB_RECURSE texts CONFIGURE_DEPENDS RELATIVE ${root} ${patterns})
  list(SORT texts)
  list(TRANSFORM texts PREPEND ${root}/ OUTPUT_VARIABLE paths)
  set(output ${CMAKE_BINARY_DIR}/embedded/${symbol}.c)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} "-DROOT=${root}" "-DSYMBOL=${symbol}" "-DOUTPUT=${output}" "-DTEXTS=${texts}" -P ${CMAKE_SOURCE_DIR}/cmake/embed_texts.cmake
    DEPENDS ${paths} ${CMAKE_SOURCE_DIR}/cmake/embed_texts.cmake
    COMMENT "Embedding ${folder}"
    VERBATIM)
  target_sources(${room} PRIVATE ${output})
endfunction()
