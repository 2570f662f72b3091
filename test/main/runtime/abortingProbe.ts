/** Stands for a driver that takes the process down. */
process.abort();
