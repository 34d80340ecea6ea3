# -DFOVEA_SANITIZE=address,undefined builds everything with these sanitizers; any finding ends the program.
set(FOVEA_SANITIZE "" CACHE STRING "Comma-separated list of sanitizers, for example address,undefined")
if(FOVEA_SANITIZE)
  add_compile_options(-fsanitize=${FOVEA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=${FOVEA_SANITIZE})
endif()
