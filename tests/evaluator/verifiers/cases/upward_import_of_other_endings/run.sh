node --import tsx src/index.mts
