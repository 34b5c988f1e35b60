#ifndef LAMINA_MEMORY_FILE_H
#define LAMINA_MEMORY_FILE_H

/// A file that lies in memory and ends with its descriptor (memfd_create); -1 where the system refuses.
int lamina_memory_file(void);

#endif
