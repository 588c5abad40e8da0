pip install -r requirements.txt
python app/main.py
