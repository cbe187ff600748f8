# cmake -P cmake/umbrella.cmake            writes include/petra/petra.hpp and include/petra/sequences.hpp: every folder's headers,
#                                          interop/ left out, and of kernel/ and runtime/ what other headers include
# cmake -DCHECK=ON -P cmake/umbrella.cmake   fails when one is stale
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH top)
# Kernels come with the ops and programs that run them. Those that nothing runs yet are for those who ask for them by name: all
# together take a tenth of the umbrella's compile time.
set(folders core tensor linalg grad data nn compress deploy search report)

# What only models of sequences need, a fifth of the umbrella's compile time: series, events, text.
set(of_sequences
  "data/(aggregates|arrays|augment_series|cell|code_points|csv|csv_inputs|differences|event_.*|events|gaps|lines|npy|npz|padded|sequences|\
series_folder|slices|synthetic_events|synthetic_series|synthetic_text|text|ts|ucr_tsv|utf8|vocabulary|words)"
  "deploy/(run_series|ops/(channel_gate|clear_steps|concat|conv1d|embedding|layer_norm|length|positions|recurrent|self_attention|slice|softmax|steps|unit_length))"
  "grad/rules"
  "grad/ops/(conv1d|embedding|gru|layer_norm|lstm|mask_zeros|one_step|pack_steps|pool1d|positions|recurrent|self_attention|steps)"
  "nn/(conv1d|embedding|event_embedding|gru|layer_norm|linear_baseline|lstm|mask_zeros|one_step|pool1d|positions|recurrent|\
self_attention)"
  "nn/models/(encoder_block|event_input|gru_encoder|inception_time|linear|lstm_encoder|resnet1d|series_blocks|text_cnn|transformer_encoder)")
list(JOIN of_sequences "|" of_sequences)

function(write_umbrella name what first keep)
  set(text "// ${what} Written by\n// `cmake -P cmake/umbrella.cmake`; a test fails when it is stale.\n#pragma once\n${first}")
  foreach(folder IN LISTS folders)
    file(GLOB_RECURSE headers RELATIVE "${top}/include" "${top}/include/petra/${folder}/*.hpp")
    list(FILTER headers ${keep} REGEX "^petra/(${of_sequences})\\.hpp$")
    list(SORT headers)
    if(headers)
      string(APPEND text "\n")
    endif()
    foreach(header IN LISTS headers)
      string(APPEND text "#include \"${header}\"\n")
    endforeach()
  endforeach()
  set(file "${top}/include/petra/${name}")
  set(found "")
  if(EXISTS "${file}")
    file(READ "${file}" found)
  endif()
  if(NOT CHECK)
    file(WRITE "${file}" "${text}")
  elseif(NOT found STREQUAL text)
    message(FATAL_ERROR "include/petra/${name} does not list the headers that exist: run `cmake -P cmake/umbrella.cmake`")
  endif()
endfunction()

write_umbrella(petra.hpp
  "The umbrella: every folder of petra, in the order in which folders may include each other. Models of series, events and text\n// need petra/sequences.hpp besides; kernels that no op and no program runs, and interop/, are for those who ask for them."
  "" EXCLUDE)
write_umbrella(sequences.hpp
  "What petra.hpp leaves out, and petra.hpp: readers, layers and models of series, event sequences and text."
  "\n#include \"petra/petra.hpp\"\n" INCLUDE)
