flask --app app run -p 8080
