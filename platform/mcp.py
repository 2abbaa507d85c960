"""``python -m platform.mcp``: an MCP server, for agents that propose changes."""

from smfnet.cli.mcp import main

if __name__ == "__main__":
    raise SystemExit(main())
