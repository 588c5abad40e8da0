pip install -r requirements.txt
python main.py
