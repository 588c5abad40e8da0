npm install
node src/index.js
