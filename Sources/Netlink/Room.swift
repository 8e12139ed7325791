// Placeholder so that the package builds; removed by the room's first file.
