-- Posts the JPEG files under FOLDER, one a request, in turn.
local bodies = {}
for name in io.popen('find "' .. os.getenv("FOLDER") .. '" -name "*.jpg" | sort'):lines() do
  local file = io.open(name, "rb")
  bodies[#bodies + 1] = file:read("*a")
  file:close()
end
local headers = {["Content-Type"] = "image/jpeg", ["Authorization"] = "Bearer " .. os.getenv("KEY")}
local at = 0

request = function()
  at = at % #bodies + 1
  return wrk.format("POST", nil, headers, bodies[at])
end
