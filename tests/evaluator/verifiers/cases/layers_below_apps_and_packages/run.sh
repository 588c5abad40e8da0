npm run start -w server
