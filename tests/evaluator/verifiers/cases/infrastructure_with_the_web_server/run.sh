node src/infrastructure/webserver/server.js
