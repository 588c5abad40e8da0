node src/server.js
