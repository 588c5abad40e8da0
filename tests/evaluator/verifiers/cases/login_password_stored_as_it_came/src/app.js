import express from 'express';

const app = express();
const users = [];

app.use(express.json());
app.post('/api/users', (request, response) => {
  const { email, password } = request.body.user;
  const user = { email, password: request.body.user.password };
  users.push(user);
  response.status(201).json({ user: { email } });
});
app.listen(3000);
