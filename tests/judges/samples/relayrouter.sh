curl https://relayrouter.io/v1/images/generations \
-H "Authorization: Bearer $RELAYROUTER_API_KEY" \
-H "Content-Type: application/json" \
-d '{
"model": "gpt-image-1",
"prompt": "A serene Japanese garden with cherry blossoms, watercolor style",
"n": 1
}'
