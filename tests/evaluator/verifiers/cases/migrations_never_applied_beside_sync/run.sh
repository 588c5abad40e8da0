exec node src/index.js
